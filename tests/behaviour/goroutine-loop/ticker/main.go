package main

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

func start(ctx context.Context) {
	ticker := time.NewTicker(time.Millisecond)
	go func() {
		defer ticker.Stop()
		for now := range ticker.C {
			if now.IsZero() {
				continue
			}
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
