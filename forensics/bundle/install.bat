@echo off
rem Installs without network and without administrator rights: install.bat [FOLDER]
chcp 65001 >nul
set /p WANTED=<"%~dp0PYTHON"
where py >nul 2>nul
if %ERRORLEVEL%==0 (
  py -%WANTED% "%~dp0install.py" %*
) else (
  python "%~dp0install.py" %*
)
set CODE=%ERRORLEVEL%
pause
exit /b %CODE%
