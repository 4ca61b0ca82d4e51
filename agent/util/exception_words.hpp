#pragma once

#include <boost/asio/multiple_exceptions.hpp>
#include <exception>
#include <string>

namespace evenkeel {

// Returns the words of the exception that is being handled, or of the first if Asio made one of
// several; "an exception without words" if its type is unknown.
[[nodiscard]] inline std::string words_of_current_exception() {
  try {
    throw;
  } catch (const boost::asio::multiple_exceptions& several) {
    try {
      if (const auto first = several.first_exception()) std::rethrow_exception(first);
    } catch (...) {
      return words_of_current_exception();
    }
    return several.what();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception without words";
  }
}

}  // namespace evenkeel
