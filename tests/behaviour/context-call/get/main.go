// A server that does not answer.
package main

import (
	"context"
	"io"
	"net"
	"net/http"

	"example.com/calls/wait"
)

func main() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	wait.Ends(func(ctx context.Context) error {
		_, err := fetch(ctx, "http://"+ln.Addr().String())
		return err
	})
}

func fetch(ctx context.Context, url string) ([]byte, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}
