// Package inside is tested from inside and outside.
package inside

import "os"

type Thing struct{ file *os.File }

func (t *Thing) Open() *os.File { return t.file }

func New() *Thing { return &Thing{} }
