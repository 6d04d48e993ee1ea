@echo off
rem Installs without network and without administrator rights: install.bat [FOLDER]
rem A "!" in a folder's name is a letter, and nothing is left in the console's environment.
setlocal EnableExtensions DisableDelayedExpansion
rem What Python writes into a file is UTF-8 too; to the console it writes Unicode without a code page.
set "PYTHONUTF8=1"
rem The Python install manager would fetch what it has not.
set "PYTHON_MANAGER_AUTOMATIC_INSTALL=false"
rem Programs are not looked for in the folder that the console is in.
set "NoDefaultCurrentDirectoryInExePath=1"
rem Written by forensics.bundle.making.
set "WANTED=@PYTHON@"
set "VERSION=import sys; sys.exit('.'.join(map(str, sys.version_info[:2])) != '%WANTED%')"

py -%WANTED% -c "%VERSION%" >nul 2>nul
if errorlevel 1 goto own
py -%WANTED% -I -X utf8 "%~dp0install.py" %*
goto ran

rem Where Python installs itself for one user, with or without being found from elsewhere.
:own
set "OWN=%LocalAppData%\Programs\Python\Python%WANTED:.=%\python.exe"
if not exist "%OWN%" goto path
"%OWN%" -I -X utf8 "%~dp0install.py" %*
goto ran

rem Another version tells itself which one is needed. Without any, Windows answers for the shop.
:path
python -c "import sys" >nul 2>nul
if errorlevel 1 goto none
python -I -X utf8 "%~dp0install.py" %*
goto ran

:none
echo Python %WANTED% was not found; install it first, for yourself alone if you have no rights.
set "CODE=1"
goto end

:ran
set "CODE=%ERRORLEVEL%"
:end
rem Who started this by a double click wants to read it.
if "%~1"=="" pause
exit /b %CODE%
