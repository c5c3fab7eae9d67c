// Each reader is closed while its goroutine still has something to send.
package main

import (
	"time"

	"example.com/sends/count"
)

type reader struct {
	done chan struct{}
}

func (r *reader) Close() { close(r.done) }

func main() {
	count.Goroutines(func() {
		r := &reader{done: make(chan struct{})}
		go func() {
			time.Sleep(5 * time.Millisecond)
			r.Close()
		}()
		r.run()
	})
}

func (r *reader) run() (lines int) {
	out := make(chan int)
	go func() {
		for n := 0; ; n++ {
			out <- n
			time.Sleep(time.Millisecond)
		}
	}()
	for {
		select {
		case <-out:
			lines++
		case <-r.done:
			return lines
		}
	}
}
