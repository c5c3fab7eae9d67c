package main

import (
	"fmt"
	"runtime"
	"time"
)

type cache struct{ done chan struct{} }

func newCache() *cache {
	c := &cache{done: make(chan struct{})}
	go c.expire()
	return c
}

func (c *cache) expire() {
	for {
		time.Sleep(time.Millisecond)
	}
}

func (c *cache) Close() { close(c.done) }

func main() {
	before := runtime.NumGoroutine()
	c := newCache()
	time.Sleep(30 * time.Millisecond)
	c.Close()
	for i := 0; i < 50 && runtime.NumGoroutine() > before; i++ {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println("left:", runtime.NumGoroutine()-before)
}
