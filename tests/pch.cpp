// Only its precompiled header matters (tests/CMakeLists.txt).
