package main

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

var a = make(chan int)

func start(ctx context.Context) {
	go func() {
		for {
			select {
			case <-ctx.Done():
				break
			case n := <-a:
				fmt.Println(n)
			}
		}
	}()
	a <- 3
}

func main() {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(context.Background())
	start(ctx)
	time.Sleep(30 * time.Millisecond)
	cancel()
	for i := 0; i < 50 && runtime.NumGoroutine() > before; i++ {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println("left:", runtime.NumGoroutine()-before)
}
