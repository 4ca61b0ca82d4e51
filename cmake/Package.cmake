# What is installed. Component `program` is what `make deb` and `make install` have in common, below any prefix; `debian` is what
# a Debian package has beside it, with its places; `by_hand` what `make install` has beside it, and no package.
include(GNUInstallDirs)

install(TARGETS evenkeel RUNTIME COMPONENT program)
foreach(shell bash zsh fish)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/completion/${shell}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/completion
    COMMAND evenkeel completion ${shell} > ${CMAKE_BINARY_DIR}/completion/${shell}
    DEPENDS evenkeel VERBATIM)
  list(APPEND completions ${CMAKE_BINARY_DIR}/completion/${shell})
endforeach()
# Debian wants its manuals and changelogs compressed, and without the time at which they were.
foreach(each agent/cli/evenkeel.1 CHANGELOG.md config/debian/changelog)
  cmake_path(GET each FILENAME name)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/packed/${name}.gz
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/packed
    COMMAND gzip --best --no-name --stdout ${CMAKE_SOURCE_DIR}/${each} > ${CMAKE_BINARY_DIR}/packed/${name}.gz
    DEPENDS ${CMAKE_SOURCE_DIR}/${each} VERBATIM)
  list(APPEND packed ${CMAKE_BINARY_DIR}/packed/${name}.gz)
endforeach()
add_custom_target(packaged DEPENDS evenkeel ${completions} ${packed})

install(FILES ${CMAKE_BINARY_DIR}/completion/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME evenkeel COMPONENT program)
install(FILES ${CMAKE_BINARY_DIR}/completion/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
  RENAME evenkeel.fish COMPONENT program)
install(FILES ${CMAKE_BINARY_DIR}/packed/evenkeel.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES dashboards/evenkeel-cluster.json dashboards/evenkeel-decisions.json dashboards/evenkeel-agent.json
  dashboards/evenkeel.rules.yml DESTINATION ${CMAKE_INSTALL_DATADIR}/evenkeel COMPONENT program)

install(FILES ${CMAKE_BINARY_DIR}/completion/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
  RENAME _evenkeel COMPONENT debian)
install(FILES ${CMAKE_BINARY_DIR}/packed/changelog.gz ${CMAKE_BINARY_DIR}/packed/CHANGELOG.md.gz config/debian/copyright
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT debian)
install(FILES config/evenkeel.toml DESTINATION /etc/evenkeel COMPONENT debian)
install(FILES config/systemd/evenkeel.service DESTINATION /lib/systemd/system COMPONENT debian)

install(FILES ${CMAKE_BINARY_DIR}/completion/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
  RENAME _evenkeel COMPONENT by_hand EXCLUDE_FROM_ALL)
install(FILES LICENSE config/debian/copyright CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT by_hand EXCLUDE_FROM_ALL)
install(FILES config/evenkeel.toml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT by_hand EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keeps the memory of Milvus query nodes on an even keel")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_OUTPUT_FILE_PREFIX ${CMAKE_SOURCE_DIR}/build/package)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The Evenkeel authors <evenkeel@localhost>")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, tzdata")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Evenkeel reads what memory each query node of a Milvus cluster uses, judges
it by the four knobs of Milvus 2.1, moves segments with Milvus's own
load_balance, and says what it did, what it refused to do, and why: on a
page, as Prometheus metrics, and in its log.")
foreach(script conffiles postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/config/debian/${script})
endforeach()
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
