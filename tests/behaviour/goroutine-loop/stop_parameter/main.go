package main

import (
	"fmt"
	"runtime"
	"time"
)

func start(stop <-chan struct{}) {
	go func() {
		for {
			time.Sleep(time.Millisecond)
		}
	}()
}

func main() {
	before := runtime.NumGoroutine()
	stop := make(chan struct{})
	start(stop)
	time.Sleep(30 * time.Millisecond)
	close(stop)
	for i := 0; i < 50 && runtime.NumGoroutine() > before; i++ {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println("left:", runtime.NumGoroutine()-before)
}
