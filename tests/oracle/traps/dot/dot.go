// Package dot is imported with a dot.
package dot

import "os"

type Dotted struct{ File *os.File }

func (Dotted) Stop() {}

func NewDotted() Dotted { return Dotted{} }

func Opened() (*os.File, error) { return os.Open("dot") }

var Shared = NewDotted()

// len is not exported: a dot import does not bring it.
func len(string) Dotted { return Dotted{} }

var own = len("x")
