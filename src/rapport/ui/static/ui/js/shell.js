// What every page of the program starts with.
import "./theme.js";
import "./dialog.js";
import "./toast.js";
import "./background.js";
import "./keyboard.js";
import "./palette.js";
import "./idle.js";
import "./small.js";
