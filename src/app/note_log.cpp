#include <app/note_log.h>

#include <base/verify.h>

#include <vector>

namespace sidereal::app {

namespace {

io::LogLevel level_of(Note::Level level)
{
    switch (level) {
    case Note::Level::debug: return io::LogLevel::debug;
    case Note::Level::info: return io::LogLevel::info;
    case Note::Level::warning: return io::LogLevel::warning;
    case Note::Level::error: return io::LogLevel::error;
    }
    VERIFY_NOT_REACHED();
}

}

void write_note(io::Log& log, Note const& note)
{
    std::vector<io::LogField> fields;
    for (auto const& [name, value] : note.fields)
        fields.emplace_back(name, value);
    log.log(level_of(note.level), note.event, fields);
}

}
