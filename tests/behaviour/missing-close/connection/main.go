package main

import (
	"errors"
	"net"

	"example.com/leaks/count"
)

type client struct{ conn net.Conn }

func dial(addr string) (*client, error) {
	conn, err := net.Dial("udp", addr)
	if err != nil {
		return nil, err
	}
	if conn.LocalAddr() != nil {
		return nil, errors.New("refused")
	}
	return &client{conn: conn}, nil
}

func main() {
	count.Files(func() {
		if _, err := dial("127.0.0.1:9"); err == nil {
			panic("no error")
		}
	}, func() {})
}
