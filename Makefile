# SPDX-License-Identifier: GPL-2.0
# The only entry point. Each command is one script of lab/; make only passes on the
# variables of its command line.

export KVER KSRC KDIR OUT WAV DTS SUITE BOARD BOARDS TEST OPS SEED SMP COUNT ARCH MINUTES OLD ONLY JOBS
# Unless KVER is named, make check goes through all kernels.
export KVER_GIVEN := $(if $(filter undefined default,$(origin KVER)),,$(KVER))
KVER ?= 6.12

help:
	@echo "make demo                   play a WAV file on the simulated phone board; results in out/"
	@echo "make demo WAV=FILE          the same with a PCM WAV file of your own"
	@echo "make demo BOARD=nc1-tablet  the same on another board with two ports that transmit"
	@echo "make check                  all tests on 7.3, those of the defects on 6.12; an hour or more"
	@echo "make check ARCH=arm64       the tests in guests, with 64-bit kernels and the same 32-bit programs"
	@echo "make check BOARD=nc1-tablet the tests of the card on another board"
	@echo "make test TEST=\"PROGRAM...\" one selftest, and one test of it if named, as in TEST=\"noncoherent-rows y7_forward\""
	@echo "make check-quick            the checks that need no guest; 10 minutes once their kernels are built"
	@echo "make check-dt DTS=FILE      check a board of your own, one line for each fault"
	@echo "make check-boards           boot boards that are wrong in one place; each must report it; RANDOM=N SEED=N: N boards with a random mistake"
	@echo "make check-stock            the tests of known defects on the stock kernel, where each must fail, and on the patched one; ONLY=\"PROGRAM...\""
	@echo "make check-armv5            cached buffers on a CPU whose data cache aliases: a board of QEMU, patched and stock"
	@echo "make check-zaurus           cached buffers on a Sharp Zaurus that QEMU emulates, 6.1: what is heard is what was played"
	@echo "make check-apps             aplay, alsabat, dmix, PulseAudio, PipeWire and others on buffers that need sync"
	@echo "make check-dma              explicit sync under CONFIG_DMA_API_DEBUG, 6.12"
	@echo "make check-kcsan            data races in this project's functions: the tests of races under KCSAN, 64 bits"
	@echo "make check-host SUITE=NAME  make demo for a new user on another release of Debian, such as trixie; as root"
	@echo "make check-sublevels        apply and unapply on every version that Debian has"
	@echo "make check-long             all tests that make check leaves out, one after the other; ONLY=\"unbind race\""
	@echo "make kunit                  the unit tests, in a user mode kernel"
	@echo "make fuzz OPS=N SEED=N      the random test of DPCM, in a user mode kernel; 10000000 operations"
	@echo "make check-drivers COUNT=N  are drivers called as on stock? stock and patched, 2000 sequences for each kind of card"
	@echo "make stress SMP=4 COUNT=N   closes and route changes under DMA on 2 or 4 CPUs; 1000000 of them"
	@echo "make race MINUTES=N         buffers are freed while other threads sync them; 30 minutes"
	@echo "make unbind COUNT=N SEED=N  drivers are unbound while sound plays, in random order; 500 times, 50 minutes; takes BOARD"
	@echo "make modules COUNT=N        all modules are removed and loaded again; 500 times"
	@echo "make lava JOBS=N SEED=N     random tests as jobs of a board farm, by Debian's LAVA on a QEMU device; 2 jobs"
	@echo "make check-lava             jobs that fail, hang or die; LAVA and the merge of its logs must report it"
	@echo "make mutants                remove one part after the other; a test must detect each"
	@echo "make model                  check every state of a model of the locks of DPCM; find D2 and D3 in the stock protocol"
	@echo "make bench                  all costs, stock and patched: table, CSV file and picture; 15 minutes"
	@echo "make bench-compare OLD=FILE list the numbers that got worse since an earlier make bench wrote that CSV file"
	@echo "make bench-baseline         take the numbers of the last make check as the baseline of later ones"
	@echo "make bench-dpcm             the cost of DPCM in instructions, stock and patched"
	@echo "make differ                 random players, stock and patched: which of their frames are heard"
	@echo "make bench-sync             the cost of explicit sync in bytes of cache maintenance, stock and patched"
	@echo "make bench-trace            the cost of the trace events while they are off"
	@echo "make timeline               pictures of traces: the defects D1 and D3 on the stock core, and the patched one; in out/timeline/"
	@echo "make docs                   the pages of Documentation/sound/soc as HTML in out/docs/, from 7.3; a minute"
	@echo "make report                 the last tests, mutants, long runs, instructions and pictures on one page"
	@echo "make allmod                 build all of sound/soc for arm and arm64, with all drivers of the stock kernel"
	@echo "make shell                  a shell on the simulated board, sound cards ready; BOARD=nc1-tablet: on the tablet"
	@echo "make apply KDIR=DIR         put this project onto your own kernel tree: 7.3.y, 6.12.y or 6.1.y"
	@echo "make unapply KDIR=DIR       take it off again"
	@echo "make export OUT=DIR         write it as patch series for git am: for each a folder with a cover letter"
	@echo "make clean                  remove all build output (build/ and out/)"
	@echo
	@echo "Each takes KVER=6.12 (default; 7.3 for docs and export), KVER=7.3 or KVER=6.1, and KSRC=DIR"
	@echo "or KSRC=TARBALL for a kernel source other than that of Debian's package."

check-quick:
	@lab/check.sh quick

demo check test check-dt check-stock check-armv5 check-zaurus check-apps check-dma check-kcsan check-host check-sublevels check-long check-drivers kunit fuzz stress race unbind modules lava mutants model differ bench bench-compare bench-baseline bench-dpcm bench-sync bench-trace timeline docs report allmod shell apply unapply export:
	@lab/$@.sh

# RANDOM is a variable of the shell's own.
check-boards:
	@MISTAKES="$(RANDOM)" lab/check-boards.sh

check-lava:
	@lab/lava.sh check

clean:
	rm -rf build out

.PHONY: help demo check test check-quick check-dt check-boards check-stock check-armv5 check-zaurus check-apps check-dma check-kcsan
.PHONY: check-host check-sublevels check-long check-drivers check-lava kunit fuzz stress race unbind modules lava mutants model bench
.PHONY: differ bench-compare bench-baseline bench-dpcm bench-sync bench-trace timeline docs report allmod shell apply unapply export clean

.DEFAULT:
	@echo "error: there is no command $@; make help lists them" >&2; false
