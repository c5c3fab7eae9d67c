// Each producer sends without an end; the receiver leaves when it is cancelled.
package main

import (
	"context"
	"time"

	"example.com/sends/count"
)

func main() {
	count.Goroutines(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		defer cancel()
		sum(ctx)
	})
}

func sum(ctx context.Context) (sum int) {
	numbers := make(chan int)
	go func() {
		for n := 0; ; n++ {
			numbers <- n
			time.Sleep(time.Millisecond)
		}
	}()
	for {
		select {
		case n := <-numbers:
			sum += n
		case <-ctx.Done():
			return sum
		}
	}
}
