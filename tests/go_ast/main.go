// Prints a fingerprint of the syntax of every Go file below a directory, as go/parser sees it: one line a file,
// `path TAB fingerprint TAB nodes`. With -v it prints every node of the files named.
//
// A fingerprint is the wrapping sum of a hash for each node's kind and byte range, so it does not depend on the
// order of the nodes. The kinds have the names of src/syntax/ast.rs.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

var verbose = flag.Bool("v", false, "print nodes")

func main() {
	flag.Parse()
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, root := range flag.Args() {
		filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && entry.Name() == "testdata" {
				return fs.SkipDir
			}
			if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".go") {
				fingerprint(out, path)
			}
			return nil
		})
	}
}

func fingerprint(out *bufio.Writer, path string) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return
	}
	var sum uint64
	var count int
	emit := func(kind string, node ast.Node) {
		// Line directives do not count.
		start, end := set.PositionFor(node.Pos(), false).Offset, set.PositionFor(node.End(), false).Offset
		if labeled, ok := node.(*ast.LabeledStmt); ok {
			// go/parser puts the empty statement after a last label where the block's brace is.
			if empty, ok := labeled.Stmt.(*ast.EmptyStmt); ok && empty.Implicit {
				end = set.PositionFor(labeled.Colon, false).Offset + 1
			}
		}
		line := fmt.Sprintf("%s %d %d", kind, start, end)
		if *verbose {
			fmt.Fprintln(out, line)
		}
		hash := fnv.New64a()
		hash.Write([]byte(line))
		sum += hash.Sum64()
		count++
	}
	visit(file, emit)
	if !*verbose {
		fmt.Fprintf(out, "%s\t%d\t%d\n", path, sum, count)
	}
}

func visit(file *ast.File, emit func(string, ast.Node)) {
	// Nodes that the other tree has no counterpart of, found at their parents.
	skip := map[ast.Node]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		if node == nil {
			return true
		}
		if !skip[node] {
			if kind := kindOf(node); kind != "" {
				emit(kind, node)
			}
		}
		switch node := node.(type) {
		case *ast.ImportSpec:
			skip[node.Path] = true
		case *ast.Field:
			if node.Tag != nil {
				skip[node.Tag] = true
			}
		case *ast.FuncDecl:
			skip[node.Type] = true
			if node.Body != nil {
				skip[node.Body] = true
			}
			if node.Recv != nil {
				ast.Inspect(node.Recv, func(part ast.Node) bool {
					if _, name := part.(*ast.Ident); part != nil && !name {
						skip[part] = true
					}
					return true
				})
			}
		case *ast.FuncLit:
			skip[node.Type] = true
			skip[node.Body] = true
		case *ast.InterfaceType:
			for _, method := range node.Methods.List {
				if len(method.Names) > 0 {
					skip[method.Type] = true
				}
			}
		case *ast.IfStmt:
			skip[node.Body] = true
		case *ast.ForStmt:
			skip[node.Body] = true
		case *ast.RangeStmt:
			skip[node.Body] = true
		case *ast.SwitchStmt:
			skip[node.Body] = true
		case *ast.SelectStmt:
			skip[node.Body] = true
		case *ast.TypeSwitchStmt:
			skip[node.Body] = true
			skip[node.Assign] = true
		}
		return true
	})
}

func kindOf(node ast.Node) string {
	switch node := node.(type) {
	case *ast.Ident:
		return "Ident"
	case *ast.BasicLit:
		return "Literal" + node.Kind.String()
	case *ast.ParenExpr:
		return "Paren"
	case *ast.SelectorExpr:
		return "Selector"
	case *ast.IndexExpr, *ast.IndexListExpr:
		return "Index"
	case *ast.SliceExpr:
		return "Slice"
	case *ast.TypeAssertExpr:
		if node.Type == nil {
			return ""
		}
		return "TypeAssert"
	case *ast.CallExpr:
		if node.Ellipsis.IsValid() {
			return "Spread"
		}
		return "Call"
	case *ast.StarExpr:
		return "Star"
	case *ast.UnaryExpr:
		return "Unary" + node.Op.String()
	case *ast.BinaryExpr:
		return "Binary" + node.Op.String()
	case *ast.CompositeLit:
		return "Composite"
	case *ast.FuncLit:
		return "FuncLit"
	case *ast.ArrayType:
		if node.Len == nil {
			return "SliceType"
		}
		return "ArrayType"
	case *ast.MapType:
		return "MapType"
	case *ast.ChanType:
		return fmt.Sprint("ChanType", int(node.Dir))
	case *ast.FuncType:
		return "FuncType"
	case *ast.StructType:
		return "StructType"
	case *ast.InterfaceType:
		return "InterfaceType"
	case *ast.ExprStmt:
		return "Expr"
	case *ast.SendStmt:
		return "Send"
	case *ast.IncDecStmt:
		return "IncDec"
	case *ast.AssignStmt:
		return "Assign" + node.Tok.String()
	case *ast.GoStmt:
		return "Go"
	case *ast.DeferStmt:
		return "Defer"
	case *ast.ReturnStmt:
		return "Return"
	case *ast.BranchStmt:
		return node.Tok.String()
	case *ast.BlockStmt:
		return "Block"
	case *ast.IfStmt:
		return "If"
	case *ast.SwitchStmt:
		return "Switch"
	case *ast.TypeSwitchStmt:
		return "TypeSwitch"
	case *ast.SelectStmt:
		return "Select"
	case *ast.CaseClause, *ast.CommClause:
		return "Clause"
	case *ast.ForStmt:
		return "For"
	case *ast.RangeStmt:
		return "Range" + node.Tok.String()
	case *ast.LabeledStmt:
		return "Labeled"
	case *ast.DeclStmt:
		return "Decl"
	case *ast.FuncDecl:
		return "Func"
	case *ast.TypeSpec:
		if node.Assign.IsValid() {
			return "Alias"
		}
		return "Type"
	}
	return ""
}
