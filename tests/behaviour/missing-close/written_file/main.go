package main

import (
	"fmt"
	"os"
	"path/filepath"

	"example.com/leaks/count"
)

func save(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(f, n); err != nil {
		return err
	}
	return nil
}

func main() {
	dir, err := os.MkdirTemp("", "leaks")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "n")
	count.Files(func() {
		if err := save(path, 42); err != nil {
			panic(err)
		}
	}, func() {})
	data, err := os.ReadFile(path)
	if err != nil || string(data) != "42\n" {
		panic(fmt.Sprint(data, err))
	}
}
