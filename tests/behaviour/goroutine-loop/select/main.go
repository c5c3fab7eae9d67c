package main

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

var a, b = make(chan int), make(chan int)

func start(ctx context.Context) {
	go func() {
		for {
			select {
			case n := <-a:
				fmt.Println(n)
			case b <- 1:
				break
			}
		}
	}()
	a <- 3
	fmt.Println(<-b)
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
