package main

import (
	"database/sql"
	"errors"

	"example.com/leaks/count"
	"example.com/leaks/database"
)

var errTaken = errors.New("taken")

func add(db *sql.DB, name string) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM gophers WHERE name = ?", name).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return errTaken
	}
	if _, err := tx.Exec("INSERT INTO gophers VALUES (?)", name); err != nil {
		return err
	}
	return tx.Commit()
}

func main() {
	db := database.Open()
	if err := add(db, "renee"); err != nil {
		panic(err)
	}
	count.Used(database.Connections(db), func() {
		if err := add(db, "gordon"); err != errTaken {
			panic(err)
		}
	})
	var n int
	if err := db.QueryRow("SELECT count(*) FROM gophers").Scan(&n); err != nil || n != 3 {
		panic("what was committed is gone")
	}
}
