package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.com/leaks/count"
)

const text = "all of it, please\n"

func compress(path, text string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	gz := gzip.NewWriter(f)
	if _, err := io.Copy(gz, strings.NewReader(text)); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// lost is how much of the text does not come back.
func lost(path string) int {
	f, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		return len(text)
	}
	defer gz.Close()
	back, err := io.ReadAll(gz)
	if err != nil || string(back) != text {
		return len(text) - len(back) + 1
	}
	return 0
}

func main() {
	dir, err := os.MkdirTemp("", "leaks")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "text.gz")
	missing := 0
	count.Used(func() int { return missing }, func() {
		if err := compress(path, text); err != nil {
			panic(err)
		}
		missing += lost(path)
	})
}
