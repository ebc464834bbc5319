# SPDX-License-Identifier: GPL-2.0
# The only entry point. Each command is one script of lab/; make only hands on
# what was given on its command line.

export KVER KSRC KDIR OUT WAV DTS BOARD BOARDS TEST OPS SEED SMP COUNT ARCH MINUTES OLD ONLY JOBS
# Unless KVER is named, make check goes through all kernels.
export KVER_GIVEN := $(if $(filter undefined default,$(origin KVER)),,$(KVER))
KVER ?= 6.12

help:
	@echo "make demo                   play a WAV file on the simulated phone board; results in out/"
	@echo "make demo WAV=FILE          the same with a PCM WAV file of your own"
	@echo "make demo BOARD=nc1-tablet  the same on another board with two ports that transmit"
	@echo "make check                  all tests on all kernels, an hour or more"
	@echo "make check ARCH=arm64       the guests of it with 64-bit kernels and the same 32-bit programs"
	@echo "make check BOARD=nc1-tablet the tests of the card on another board"
	@echo "make test TEST=\"PROGRAM...\" one selftest, and one test of it if named, as in TEST=\"noncoherent-rows y7_forward\""
	@echo "make check-quick            the checks that need no guest; 5 minutes, later 3"
	@echo "make check-dt DTS=FILE      what is wrong with a board of your own, one line for each"
	@echo "make check-boards           boots boards that are wrong in one place; each has to say where"
	@echo "make check-stock            the tests of known defects on the stock kernel, where each has to fail; ONLY=\"PROGRAM...\""
	@echo "make check-armv5            cached buffers where the data cache aliases: a board of QEMU, ours and stock"
	@echo "make check-zaurus           cached buffers on a Sharp Zaurus that QEMU emulates, 6.1: what is played is heard"
	@echo "make check-apps             aplay, alsabat, dmix, PulseAudio, PipeWire and others on buffers that need sync"
	@echo "make check-dma              explicit sync under CONFIG_DMA_API_DEBUG, 6.12"
	@echo "make check-kcsan            do functions of ours race? the races' tests under KCSAN, 64 bits"
	@echo "make check-sublevels        apply and unapply on every version that Debian has"
	@echo "make check-long             all that make check leaves out, one after the other; ONLY=\"unbind race\""
	@echo "make kunit                  the unit tests, in a user mode kernel"
	@echo "make fuzz OPS=N SEED=N      the random test of DPCM, in a user mode kernel; 10000000 operations"
	@echo "make check-drivers COUNT=N  do drivers see what they saw before? stock and ours, 2000 sequences for each kind of card"
	@echo "make stress SMP=4 COUNT=N   closes and route changes under DMA on 2 or 4 CPUs; 1000000 of them"
	@echo "make race MINUTES=N         buffers are freed while other threads sync them; 30 minutes"
	@echo "make unbind COUNT=N SEED=N  drivers are unbound while sound plays, in random order; 500 times, 50 minutes; takes BOARD"
	@echo "make modules COUNT=N        all modules are removed and loaded again; 500 times"
	@echo "make lava JOBS=N SEED=N     random tests as jobs of a board farm, by Debian's LAVA on a QEMU device; 2 jobs"
	@echo "make check-lava             jobs that fail, hang or die; LAVA and the merge of its logs have to say so"
	@echo "make mutants                takes out one part after the other; each must be noticed"
	@echo "make model                  a model of the locks of DPCM, every state of it; D2 and D3 in the stock protocol"
	@echo "make bench                  all that is counted, stock and ours: table, CSV file and picture; 15 minutes"
	@echo "make bench-compare OLD=FILE what got worse since an earlier one wrote that CSV file"
	@echo "make bench-baseline         take what the last make check counted as what later ones are compared with"
	@echo "make bench-dpcm             what DPCM costs in instructions, stock and ours"
	@echo "make differ                 random players, stock and ours: which of their frames are heard"
	@echo "make bench-sync             what explicit sync costs in bytes of cache maintenance, stock and ours"
	@echo "make bench-trace            what the trace events cost while they are off"
	@echo "make timeline               pictures of traces: D1 and D3 on the stock core and on ours; results in out/timeline/"
	@echo "make report                 the last tests, mutants, long runs, instructions and pictures on one page"
	@echo "make allmod                 builds all of sound/soc for arm and arm64, with the drivers of others"
	@echo "make shell                  a shell on the simulated board, sound cards ready; BOARD=nc1-tablet on that one"
	@echo "make apply KDIR=DIR         put this project onto your own kernel tree: 7.3.y, 6.12.y or 6.1.y"
	@echo "make unapply KDIR=DIR       take it off again"
	@echo "make export OUT=DIR         write it as a patch series for git am, with a cover letter"
	@echo "make clean                  remove what was built (build/ and out/)"
	@echo
	@echo "Each takes KVER=6.12 (default; 7.3 for export), KVER=7.3 or KVER=6.1, and KSRC=DIR"
	@echo "or KSRC=TARBALL for a kernel source other than that of Debian's package."

check-quick:
	@lab/check.sh quick

demo check test check-dt check-boards check-stock check-armv5 check-zaurus check-apps check-dma check-kcsan check-sublevels check-long check-drivers kunit fuzz stress race unbind modules lava mutants model differ bench bench-compare bench-baseline bench-dpcm bench-sync bench-trace timeline report allmod shell apply unapply export:
	@lab/$@.sh

check-lava:
	@lab/lava.sh check

clean:
	rm -rf build out

.PHONY: help demo check test check-quick check-dt check-boards check-stock check-armv5 check-zaurus check-apps check-dma check-kcsan
.PHONY: check-sublevels check-long check-drivers check-lava kunit fuzz stress race unbind modules lava mutants model bench
.PHONY: differ bench-compare bench-baseline bench-dpcm bench-sync bench-trace timeline report allmod shell apply unapply export clean
