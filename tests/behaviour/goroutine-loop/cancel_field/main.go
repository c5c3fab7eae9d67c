package main

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

type server struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func newServer() *server {
	s := &server{}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go s.beat()
	return s
}

func (s *server) beat() {
	for {
		time.Sleep(time.Millisecond)
	}
}

func (s *server) Stop() { s.cancel() }

func main() {
	before := runtime.NumGoroutine()
	s := newServer()
	time.Sleep(30 * time.Millisecond)
	s.Stop()
	for i := 0; i < 50 && runtime.NumGoroutine() > before; i++ {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println("left:", runtime.NumGoroutine()-before)
}
