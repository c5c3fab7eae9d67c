package main

import (
	"net"

	"example.com/leaks/count"
)

func freePort() (int, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return ln.Addr().(*net.TCPAddr).Port, nil
}

func main() {
	count.Files(func() {
		if _, err := freePort(); err != nil {
			panic(err)
		}
	}, func() {})
}
