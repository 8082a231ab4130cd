@echo off
rem Finds a JDK, builds Flambeau if that is needed, and starts its command line.
rem The script flambeau does the same for Linux and macOS: change both.
setlocal disabledelayedexpansion
set "root=%~dp0"
set "build=%root%zoo\target"
set "arguments=%build%\java.args"
set "stamp=%build%\launcher.stamp"
set "cache=%build%\flambeau.aot"
set "main=dev.flambeau.zoo.Main"

set "jdk="
if defined JAVA_HOME call :check "%JAVA_HOME%"
for %%j in (java.exe) do if not defined jdk if not "%%~$PATH:j"=="" call :check "%%~dp$PATH:j.."
for /d %%d in ("%ProgramFiles%\Java\*" "%ProgramFiles%\Eclipse Adoptium\*" "%ProgramFiles%\Microsoft\jdk*") do if not defined jdk call :check "%%~d"
for /d %%d in ("%ProgramFiles%\Zulu\*" "%ProgramFiles%\Amazon Corretto\*" "%ProgramFiles%\BellSoft\*") do if not defined jdk call :check "%%~d"
for /d %%d in ("%USERPROFILE%\.sdkman\candidates\java\*" "%USERPROFILE%\.jdks\*" "%USERPROFILE%\.m2\jdks\*") do if not defined jdk call :check "%%~d"
for /d %%d in ("%USERPROFILE%\scoop\apps\*") do if not defined jdk call :check "%%~d\current"
if defined jdk goto start
>&2 echo flambeau: no JDK 25 or newer found; install one (for example Eclipse Temurin 25) or set JAVA_HOME to it.
exit /b 2

:start
call :outdated
if not errorlevel 1 goto run
call :build
if errorlevel 1 exit /b %errorlevel%
:run
"%jdk%\bin\java.exe" @"%arguments%" -XX:AOTCache="%cache%" %main% %*
exit /b %errorlevel%

rem Sets jdk to folder %1 if it is a JDK 25 or newer, by its release file.
:check
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
for /f "usebackq tokens=1,2 delims==" %%k in ("%~1\release") do if "%%k"=="JAVA_VERSION" for /f "delims=.-+" %%v in ("%%~l") do if %%v geq 25 set "jdk=%~f1"
exit /b 0

rem Exit code 1 if there is no build, or a source is newer than it.
:outdated
if not exist "%stamp%" exit /b 1
if not exist "%arguments%" exit /b 1
pushd "%root%"
powershell -NoProfile -Command "$built = (Get-Item -LiteralPath $env:stamp).LastWriteTime; $files = @(Get-Item pom.xml, */pom.xml) + @(Get-ChildItem torch-core/src, torchvision/src, torchtext/src, onnx-io/src, zoo/src -Recurse -File); if ($files | Where-Object { $_.LastWriteTime -gt $built -and $_.FullName -notlike '*\test\*' } | Select-Object -First 1) { exit 1 }"
popd & exit /b %errorlevel%

:build
where mvn >nul 2>nul
if errorlevel 1 (
  >&2 echo flambeau: Maven 3.8 or newer is needed to build; install it so that mvn is on the PATH.
  exit /b 2
)
if not exist "%build%" mkdir "%build%"
set "log=%build%\launcher-build.log"
type nul > "%build%\launcher.started"
>&2 echo Building Flambeau (only when its sources have changed; the first time downloads libraries) ...
rem Maven finds the JDK by a variable of such a name wherever it lies.
set "JAVA25_HOME=%jdk%"
pushd "%root%"
call mvn -B -ntp -DskipTests -Dformat.skip=true -pl zoo -am package > "%log%" 2>&1
if errorlevel 1 (
  popd
  >&2 findstr /l /c:"[ERROR]" "%log%"
  >&2 echo flambeau: the build failed; the whole log is %log%
  exit /b 1
)
popd
move /y "%build%\launcher.started" "%stamp%" >nul
rem A cache of loaded classes halves the time to start; without it everything works as well.
if exist "%cache%" del "%cache%"
"%jdk%\bin\java.exe" @"%arguments%" -XX:AOTCacheOutput="%cache%" %main% --help >nul 2>nul
exit /b 0
