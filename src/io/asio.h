#pragma once

// For io's own sources: the only way to Asio, so that its code is compiled once, in asio.cpp.
// A public header must not include this.
#ifndef BOOST_ASIO_SEPARATE_COMPILATION
#define BOOST_ASIO_SEPARATE_COMPILATION
#endif
#ifndef BOOST_ASIO_NO_DEPRECATED
#define BOOST_ASIO_NO_DEPRECATED
#endif

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
