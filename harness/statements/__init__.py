"""What routes ask of the database: statements with their routes, and what each route is held to."""
