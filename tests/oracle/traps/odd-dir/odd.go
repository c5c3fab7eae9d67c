// Package weird lives in a directory of another name.
package weird

import "io"

type Inner struct{ io.Closer }

type Conf[T any] struct {
	Value T
	Hook  func(T) error
}

func (c *Conf[T]) Get() T { return c.Value }

// Close has a blank receiver parameter.
func (c *Conf[_]) Close() error { return nil }

func Make[T any](value T) *Conf[T] { return &Conf[T]{Value: value} }

func Pair[K comparable, V any](k K, v V) (K, V, error) { return k, v, nil }

var Default = Make("x")

var A, B, C = Pair(1, Make(2.5))

var Fn = func() (*Inner, error) { return nil, nil }

type Alias = Inner

type Pointer = *Inner
