(for_statement) @candidate
