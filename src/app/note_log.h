#pragma once

#include <base/note.h>
#include <io/log.h>

namespace sidereal::app {

// A mind's note as a line of the daemon's log.
void write_note(io::Log& log, Note const& note);

}
