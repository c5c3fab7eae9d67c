// An error of the first job ends the receiving of the others.
package main

import (
	"errors"

	"example.com/sends/count"
)

func main() {
	fail := func() error { return errors.New("no") }
	count.Goroutines(func() { all([]func() error{fail, fail, fail}) })
}

func all(jobs []func() error) error {
	errs := make(chan error)
	for _, job := range jobs {
		go func() { errs <- job() }()
	}
	for range jobs {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}
