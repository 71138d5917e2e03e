// Takes four times the memory that the step may have, and would then end well.
const kept = [];
for (let megabytes = 0; megabytes < 256; megabytes += 8) {
  kept.push(Buffer.alloc(8 * 1024 * 1024, 1));
  console.log(`${megabytes + 8} MB taken`);
}
console.log(`kept ${kept.length} buffers, and nobody minded`);
