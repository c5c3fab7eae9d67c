// The receiver waits less long than the work takes.
package main

import (
	"time"

	"example.com/sends/count"
)

func main() {
	count.Goroutines(func() { ask() })
}

func ask() int {
	answer := make(chan int)
	go func() {
		time.Sleep(20 * time.Millisecond)
		answer <- 1
	}()
	select {
	case n := <-answer:
		return n
	case <-time.After(time.Millisecond):
		return 0
	}
}
