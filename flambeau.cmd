@echo off
rem Finds a JDK, builds Flambeau on first use, and starts its command line.
setlocal enabledelayedexpansion
set "root=%~dp0"
set "build=%root%zoo\target"
set "jdk="
if defined JAVA_HOME call :check "%JAVA_HOME%"
for /d %%d in ("%ProgramFiles%\Java\*" "%ProgramFiles%\Eclipse Adoptium\*" "%ProgramFiles%\Microsoft\jdk*" "%ProgramFiles%\Zulu\*" "%USERPROFILE%\.jdks\*" "%USERPROFILE%\.sdkman\candidates\java\*") do if not defined jdk call :check "%%~d"
if not defined jdk (
  echo flambeau: no JDK 25 or newer found; install one ^(for example Eclipse Temurin 25^) or set JAVA_HOME to it. 1>&2
  exit /b 2
)
if not exist "%build%\class-path.txt" (
  where mvn >nul 2>nul || (
    echo flambeau: Maven 3.8 or newer is needed to build; install it so that mvn is on the PATH. 1>&2
    exit /b 2
  )
  echo Building Flambeau ^(the first time downloads libraries^) ... 1>&2
  if not exist "%build%" mkdir "%build%"
  pushd "%root%"
  call mvn -B -ntp -DskipTests -Dformat.skip=true -pl zoo -am package > "%build%\launcher-build.log" 2>&1
  if errorlevel 1 (
    popd
    findstr /b "[ERROR]" "%build%\launcher-build.log" 1>&2
    echo flambeau: the build failed; the whole log is %build%\launcher-build.log 1>&2
    exit /b 1
  )
  popd
)
set /p libraries=<"%build%\class-path.txt"
"%jdk%\bin\java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:+UseParallelGC -Xlog:disable -cp "%build%\zoo-0.1.0-SNAPSHOT.jar;%libraries%" dev.flambeau.zoo.Main %*
exit /b %errorlevel%

:check
if not exist "%~1\release" exit /b 0
for /f "tokens=2 delims==." %%v in ('findstr /b "JAVA_VERSION=" "%~1\release"') do (
  set "major=%%~v"
  set "major=!major:"=!"
  if !major! geq 25 set "jdk=%~1"
)
exit /b 0
