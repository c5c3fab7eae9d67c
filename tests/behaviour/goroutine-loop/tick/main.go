package main

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

func start(ctx context.Context) {
	go func() {
		for range time.Tick(time.Millisecond) {
			runtime.Gosched()
		}
	}()
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
