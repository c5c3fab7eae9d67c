package main

import (
	"net/http"
	"net/http/httptest"

	"example.com/leaks/count"
)

func status(client *http.Client, url string) (int, error) {
	resp, err := client.Get(url)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func main() {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(make([]byte, 1<<20))
	}))
	client := srv.Client()
	count.Files(func() {
		if _, err := status(client, srv.URL); err != nil {
			panic(err)
		}
	}, client.CloseIdleConnections)
}
