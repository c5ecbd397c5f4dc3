"""parliament: a second opinion on actions, resources and conditions."""
