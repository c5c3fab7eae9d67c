// Lookup tells what a Go package declares, from its source alone: nothing is compiled, no dependency is needed.
//
// It reads one question a line from standard input, {"dir": module directory, "module": path, "package": import path,
// "symbol": "New" or "Type.Method", "result": index, "release": ["Close"], "field": "Body"}, and answers each with a
// line of JSON: the full name as go/types prints it, parameters, results, file and line below the module directory, the
// documentation, and the same of the release method of that result, when the type is declared in the module.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

type question struct {
	Dir, Module, Package, Symbol, Field string
	Result                              int
	Release                             []string
}

type answer struct {
	Name    string   `json:"name,omitempty"`
	Params  []string `json:"params"`
	Results []string `json:"results"`
	File    string   `json:"file,omitempty"`
	Line    int      `json:"line,omitempty"`
	Doc     string   `json:"doc,omitempty"`
	Error   string   `json:"error,omitempty"`
	// Release is the first of the release methods that the result's type declares.
	Release *answer `json:"release,omitempty"`
}

// pkg is one parsed package.
type pkg struct {
	path  string
	fset  *token.FileSet
	files []*ast.File
}

var cache = map[string]*pkg{}

func load(dir, path string) *pkg {
	if p := cache[dir]; p != nil {
		return p
	}
	p := &pkg{path: path, fset: token.NewFileSet()}
	names, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if file, err := parser.ParseFile(p.fset, name, nil, parser.ParseComments); err == nil {
			p.files = append(p.files, file)
		}
	}
	cache[dir] = p
	return p
}

func (p *pkg) text(x ast.Expr) string {
	var b strings.Builder
	printer.Fprint(&b, p.fset, x)
	return b.String()
}

func (p *pkg) list(fields *ast.FieldList) []string {
	all := []string{}
	if fields == nil {
		return all
	}
	for _, field := range fields.List {
		for range max(1, len(field.Names)) {
			all = append(all, p.text(field.Type))
		}
	}
	return all
}

func (p *pkg) answer(root, name string, at token.Pos, ty *ast.FuncType, doc *ast.CommentGroup) *answer {
	position := p.fset.Position(at)
	file, _ := filepath.Rel(root, position.Filename)
	return &answer{
		Name: name, Params: p.list(ty.Params), Results: p.list(ty.Results),
		File: file, Line: position.Line, Doc: strings.Join(strings.Fields(doc.Text()), " "),
	}
}

// function finds a declared function, or a method of a type or interface; of an embedded type too.
func (p *pkg) function(root, symbol string, depth int) (*answer, *ast.File) {
	ty, name, isMethod := strings.Cut(symbol, ".")
	if !isMethod {
		ty, name = "", symbol
	}
	for _, file := range p.files {
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Name.Name != name || (fn.Recv != nil) != isMethod {
				continue
			}
			full := p.path + "." + name
			if isMethod {
				recv, star := fn.Recv.List[0].Type, ""
				if ptr, ok := recv.(*ast.StarExpr); ok {
					recv, star = ptr.X, "*"
				}
				if p.text(base(recv)) != ty {
					continue
				}
				full = fmt.Sprintf("(%s%s.%s).%s", star, p.path, ty, name)
			}
			return p.answer(root, full, fn.Pos(), fn.Type, fn.Doc), file
		}
	}
	if !isMethod || depth == 0 {
		return nil, nil
	}
	for _, file := range p.files {
		spec := typeSpec(file, ty)
		if spec == nil {
			continue
		}
		var fields *ast.FieldList
		switch it := spec.Type.(type) {
		case *ast.InterfaceType:
			fields = it.Methods
		case *ast.StructType:
			fields = it.Fields
		case *ast.Ident:
			return p.function(root, it.Name+"."+name, depth-1)
		default:
			continue
		}
		for _, field := range fields.List {
			if fn, ok := field.Type.(*ast.FuncType); ok && len(field.Names) > 0 && field.Names[0].Name == name {
				if _, ok := spec.Type.(*ast.InterfaceType); ok {
					return p.answer(root, fmt.Sprintf("(%s.%s).%s", p.path, ty, name), field.Pos(), fn, field.Doc), file
				}
			}
			if len(field.Names) == 0 {
				embedded := field.Type
				if ptr, ok := embedded.(*ast.StarExpr); ok {
					embedded = ptr.X
				}
				if id, ok := base(embedded).(*ast.Ident); ok {
					if found, in := p.function(root, id.Name+"."+name, depth-1); found != nil {
						return found, in
					}
				}
			}
		}
	}
	return nil, nil
}

func base(x ast.Expr) ast.Expr {
	switch it := x.(type) {
	case *ast.IndexExpr:
		return it.X
	case *ast.IndexListExpr:
		return it.X
	}
	return x
}

func typeSpec(file *ast.File, name string) *ast.TypeSpec {
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			if ty, ok := spec.(*ast.TypeSpec); ok && ty.Name.Name == name {
				return ty
			}
		}
	}
	return nil
}

// imported finds the import path that a name stands for in a file.
func imported(file *ast.File, name string) string {
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, "\"")
		if spec.Name != nil && spec.Name.Name == name {
			return path
		}
		parts := strings.Split(path, "/")
		last := parts[len(parts)-1]
		if strings.HasPrefix(last, "v") && len(parts) > 1 && len(last) <= 3 {
			last = parts[len(parts)-2]
		}
		if spec.Name == nil && (last == name || strings.TrimPrefix(last, "go-") == name) {
			return path
		}
	}
	return ""
}

func ask(q question) *answer {
	within := func(path string) string { return filepath.Join(q.Dir, strings.TrimPrefix(path, q.Module)) }
	p := load(within(q.Package), q.Package)
	found, file := p.function(q.Dir, q.Symbol, 3)
	if found == nil {
		return &answer{Error: fmt.Sprintf("%s has no %s", q.Package, q.Symbol)}
	}
	if q.Result >= len(found.Results) {
		found.Error = fmt.Sprintf("no result %d", q.Result)
		return found
	}
	ty := strings.TrimPrefix(found.Results[q.Result], "*")
	ty, _, _ = strings.Cut(ty, "[")
	if name, rest, ok := strings.Cut(ty, "."); ok {
		path := imported(file, name)
		if !strings.HasPrefix(path+"/", q.Module+"/") {
			return found
		}
		p, ty = load(within(path), path), rest
	}
	for _, name := range q.Release {
		if q.Field != "" {
			break
		}
		if found.Release, _ = p.function(q.Dir, ty+"."+name, 3); found.Release != nil {
			break
		}
	}
	return found
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		out.Encode(ask(q))
	}
}
