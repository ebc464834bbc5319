# gnuplot: how instructions grow, stock dashed, ours solid. Called in build/run/bench by
# bench.sh with "output", "kind" (svg or pngcairo) and "title" set; reads the files
# of bench.py.
set terminal @kind size 1200,860 font "sans,11"
set output output
set multiplot layout 2,3 title title font ",14" noenhanced
set lmargin 9
set rmargin 2
set grid lc rgb "#dddddd"
set format y "%.0s%c"
unset key
set logscale x 2
array colour[6] = ["#30506a", "#c03020", "#2a7f4f", "#8a5a20", "#7a4f9a", "#208a8a"]
# The file of an operation in one picture
dat(family, word) = sprintf("%s-%s.dat", family, word)

triggers = "start stop pause release"
routes = "route-off route-on"
moves = "write-256 commit-256"
draw = "for [i=1:words(w)] dat(family, word(w, i)) using 1:2 with linespoints dt 2 pt 4 lc rgb colour[i] notitle, \
	for [i=1:words(w)] dat(family, word(w, i)) using 1:3 with linespoints lw 2 pt 7 lc rgb colour[i] title word(w, i) noenhanced"

set ylabel "instructions"
set logscale y
set yrange [500:500000]
set title "FEs that run on one BE"
family = "running"; w = triggers . " " . routes
set xlabel "FEs"
plot @draw
set title "FEs that are open but idle"
family = "idle"
plot @draw
set title "BEs of one FE"
family = "bes"
set xlabel "BEs"
plot @draw
unset logscale y
set key top left samplen 2
set yrange [0:25000]
set title "buffer, not coherent"
family = "buffer"; w = moves
set xlabel "frames"
plot @draw
set title "preallocation, not coherent"
family = "prealloc"
set xlabel "KiB"
plot @draw
# The key of all, and of the lines that lie too close for one
unset title; unset xlabel; unset ylabel; unset tics; unset border; unset grid
unset logscale
set key center
set xrange [0:1]
set yrange [0:1]
w = triggers . " " . routes
plot for [i=1:words(w)] NaN with linespoints lw 2 pt 7 lc rgb colour[i] title word(w, i) noenhanced, \
     NaN with linespoints dt 2 pt 4 lc rgb "#505050" title "stock", \
     NaN with linespoints lw 2 pt 7 lc rgb "#505050" title "ours"
