"""Publishers: one verdict, told in many forms."""
