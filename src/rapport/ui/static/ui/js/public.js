// Patient pages start with less: no keys, no palette, no lock.
import "./theme.js";
import "./dialog.js";
import "./toast.js";
import "./background.js";
import "./small.js";
