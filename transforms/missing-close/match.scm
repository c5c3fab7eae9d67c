; A call whose results are bound to names, and a call whose results are dropped.
(short_var_declaration right: (expression_list (call_expression) @candidate))
(assignment_statement right: (expression_list (call_expression) @candidate))
(var_spec value: (expression_list (call_expression) @candidate))
(expression_statement (call_expression) @candidate)
