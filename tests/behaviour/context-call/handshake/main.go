// A peer that never says hello.
package main

import (
	"context"
	"crypto/tls"
	"net"

	"example.com/calls/wait"
)

func main() {
	here, there := net.Pipe()
	defer there.Close()
	wait.Ends(func(ctx context.Context) error {
		return secure(ctx, tls.Client(here, &tls.Config{ServerName: "example.com"}))
	})
}

func secure(ctx context.Context, conn *tls.Conn) error {
	return conn.Handshake()
}
