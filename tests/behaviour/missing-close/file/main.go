package main

import (
	"os"

	"example.com/leaks/count"
)

func size(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	fi, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return fi.Size(), nil
}

func main() {
	count.Files(func() {
		if _, err := size("/proc/self/exe"); err != nil {
			panic(err)
		}
	}, func() {})
}
