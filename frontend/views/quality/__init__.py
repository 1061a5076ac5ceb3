"""How providers do: their standing, suspension, designations, and complaints."""
