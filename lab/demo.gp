# gnuplot: the waveform in and out of each port. Called in build/run/demo by demo.sh with
# "title" set, and "called" to the board's names of its ports, "Speaker Headset"; reads the
# files of compare.py.
set terminal pngcairo size 1200,800 font "sans,10"
set output "demo.png"
stats "in.dat" using 1 nooutput
set xrange [0:STATS_max]
set multiplot layout 3,1 title title font ",13" noenhanced
set lmargin 11
set rmargin 3
set yrange [-1:1]
set ytics ("-1" -1, "0" 0, "1" 1)
set grid xtics lc rgb "#dddddd"
unset key

# A line for each change of a route, named once, at its own port.
set style arrow 1 nohead lw 1.2 dt 2 lc rgb "#c03020"
mark(port) = sprintf("< grep %s switches.dat || true", port)

# The data sheet's name of a port, and the board's own.
out(port, name) = "out: ".port.(name eq port ? "" : "\n(".name.")")

set ylabel "in: aplay"
plot "in.dat" using 1:2:3 with filledcurves lc rgb "#30506a"
set ylabel out("I2S0", word(called, 1)) noenhanced
plot "I2S0.dat" using 1:2:3 with filledcurves lc rgb "#2a7f4f", \
     mark("I2S0") using 1:(-1):(0):(2) with vectors arrowstyle 1, \
     mark("I2S0") using 1:(0.85):(sprintf(" %s", strcol(3))) with labels left tc rgb "#c03020"
set ylabel out("I2S1", word(called, 2)) noenhanced
set xlabel "seconds of the stream; dashed: the port's route was switched"
plot "I2S1.dat" using 1:2:3 with filledcurves lc rgb "#8a5a20", \
     mark("I2S1") using 1:(-1):(0):(2) with vectors arrowstyle 1, \
     mark("I2S1") using 1:(0.85):(sprintf(" %s", strcol(3))) with labels left tc rgb "#c03020"
