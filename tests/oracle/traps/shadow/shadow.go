// Package shadow declares names that mean something else elsewhere.
package shadow

import (
	"bytes"
	"net/url"
	"os"
	"strings"

	. "example.com/traps/dot"
	weird2 "example.com/traps/odd-dir"
)

// min is declared by many old packages.
func min(a, b int) string { return strings.Repeat("x", a+b) }

type error interface {
	Close() error
	Error() string
}

func packages() {
	url, _ := url.Parse("x")
	url.Query().Get("a")
	os := url
	os.Query()
	func(strings *bytes.Buffer) { strings.WriteString("x") }(nil)
	if bytes := NewDotted(); true {
		bytes.Stop()
		bytes.File.Close()
	} else {
		bytes.Stop()
	}
	bytes.NewReader(nil).Len()
	weird2.Default.Get()
	min(1, 2)
	file, _ := Opened()
	file.Close()
	Shared.Stop()
}

func builtins(e error) {
	len := func(x ...any) *os.File { return nil }
	len(1).Close()
	string := strings.ToUpper
	string("x")
	{
		var append = func(values ...int) *url.URL { return nil }
		append(1, 2).Query()
		type int []*os.File
		int(nil)[0].Close()
		new := strings.NewReader
		new("x").Len()
	}
	_ = append([]int{}, 1)
	e.Close()
	e.Error()
	true := &url.URL{}
	true.String()
	nil := strings.Builder{}
	nil.Len()
}

func scopes(x *os.File) (y *url.URL) {
	x.Close()
	for x, y := range map[*url.URL]*strings.Builder{} {
		x.String()
		y.Len()
	}
	x, z := os.Open("x")
	z.Error()
	if x := strings.NewReader(""); x.Len() > 0 {
		x := x.Size()
		_ = x
	} else if y := x.Len(); y > 0 {
		x.Len()
	}
	y.Query()
	switch x := x.Name(); {
	case x == "":
		x := NewDotted()
		x.Stop()
	default:
		strings.ToLower(x)
	}
	x.Sync()
	{
		x := x.Fd()
		_ = uintptr(x)
	}
	var f = func() { x.Close() }
	f()
	goto end
end:
	x.Close()
	return
}

func closures() {
	x := 1
	func() {
		x := &os.File{}
		defer x.Close()
		func(x *url.URL) { x.Query() }(nil)
		x.Sync()
	}()
	_ = float64(x)
	const c = 1
	{
		const c = "x"
		strings.ToUpper(c)
	}
	type url = strings.Builder
	var u url
	u.Len()
}
