"""The NC1's data sheet as tables: Documentation/sound/soc/vendor-nc/nc1-hardware.rst."""

# The address map: window, name, kind, reset line and DMA request line.
WINDOWS, WINDOW_SIZE, WINDOWS_SIZE = 0x5f000000, 0x100, 0x4100
BLOCKS = {WINDOWS + offset: block for offset, block in {
    0x0000: ("FE0", "fe-playback", 0, 0), 0x0100: ("FE1", "fe-playback", 1, 1),
    0x0200: ("FE2", "fe-playback", 2, 2), 0x0300: ("FE3", "fe-playback", 3, 3),
    0x0400: ("FE4", "fe-capture", 4, 4), 0x0500: ("FE5", "fe-capture", 5, 5),
    0x1000: ("XBAR", "xbar", 6, None), 0x2000: ("I2S0", "i2s", 7, None),
    0x3000: ("I2S1", "i2s", 8, None), 0x4000: ("PDM0", "pdm", 9, None)}.items()}
KINDS = {"vendor-nc,nc1-" + block[1]: block[1] for block in BLOCKS.values()}
# In the order of the simulator's gates; 0: any frequency.
CLOCKS = {"bus": 0, "mclk48k": 24576000, "mclk44k": 22579200}
RATES = [8000, 11025, 16000, 22050, 32000, 44100, 48000, 64000, 88200, 96000, 176400, 192000]
FORMATS = ("i2s", "left_j", "dsp_a")
TDM = "dsp_a"
MAX_CHANNELS = 8
# From source to sink, inside of the crossbar.
XBAR = [("FE%d" % fe, "I2S%d" % port) for fe in range(4) for port in range(2)] + \
       [(port, "FE%d" % fe) for fe in (4, 5) for port in ("I2S1", "PDM0")]
