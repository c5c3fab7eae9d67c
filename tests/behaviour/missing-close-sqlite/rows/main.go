package main

import (
	"database/sql"

	"example.com/leaks/count"
	"example.com/leaks/database"
)

func first(db *sql.DB) (string, error) {
	rows, err := db.Query("SELECT name FROM gophers ORDER BY name")
	if err != nil {
		return "", err
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return "", err
		}
		return name, nil
	}
	return "", rows.Err()
}

func main() {
	db := database.Open()
	count.Used(database.Connections(db), func() {
		if name, err := first(db); err != nil || name != "gordon" {
			panic(name)
		}
	})
}
